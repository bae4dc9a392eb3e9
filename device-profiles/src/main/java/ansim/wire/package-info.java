@NullMarked
package ansim.wire;

import org.jspecify.annotations.NullMarked;
