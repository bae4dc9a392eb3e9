@NullMarked
package ansim.profile;

import org.jspecify.annotations.NullMarked;
