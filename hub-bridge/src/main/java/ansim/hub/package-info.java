@NullMarked
package ansim.hub;

import org.jspecify.annotations.NullMarked;
