@NullMarked
package ansim.edge;

import org.jspecify.annotations.NullMarked;
