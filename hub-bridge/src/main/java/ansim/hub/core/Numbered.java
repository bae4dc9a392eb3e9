package ansim.hub.core;

/** Has a number in the log's encoding that never changes and is never used again for something else. */
interface Numbered {
    int number();
}
