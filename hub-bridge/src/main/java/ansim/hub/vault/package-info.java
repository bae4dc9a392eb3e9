/**
 * The rider vault: the only place where a sealed card becomes a rider. It has a folder of its own, with a key and a database that nobody
 * else needs to read: in the hub's process, or in one of its own behind a Unix-domain socket.
 */
@NullMarked
package ansim.hub.vault;

import org.jspecify.annotations.NullMarked;
