/** What every fuzz target has, and how scripts/fuzz finds it. */
@org.jspecify.annotations.NullMarked
package ansim.fuzz;
