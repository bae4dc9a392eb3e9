@NullMarked
package ansim.settings;

import org.jspecify.annotations.NullMarked;
