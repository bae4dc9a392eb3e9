/**
 * What the hub keeps in SQLite: the registry of units, which operators edit, and the read models, which the log alone makes.
 *
 * <p>{@link ansim.hub.view.Registry} is a source of truth and is backed up. {@link ansim.hub.view.Views} is a view of the log: its file
 * may be deleted at any time and comes back.
 */
@NullMarked
package ansim.hub.view;

import org.jspecify.annotations.NullMarked;
