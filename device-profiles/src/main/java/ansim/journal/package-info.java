@NullMarked
package ansim.journal;

import org.jspecify.annotations.NullMarked;
