/**
 * The hub's screen: a small HTTP server on Vert.x, a JSON API and the live page, which is static files and asks for nothing outside.
 *
 * <p>Reads the views only; nothing here can change a ride, a unit or the log.
 */
@NullMarked
package ansim.hub.console;

import org.jspecify.annotations.NullMarked;
