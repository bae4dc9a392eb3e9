/**
 * The REST API of the hub over TLS: accounts and their tokens, what each role may read, and what the city's app may say.
 *
 * <p>{@code openapi.json} in this package is the contract: every route that is served stands there, and every route there is served.
 */
@NullMarked
package ansim.hub.api;

import org.jspecify.annotations.NullMarked;
