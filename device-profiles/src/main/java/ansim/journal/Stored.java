package ansim.journal;

import java.util.OptionalLong;

/**
 * A message as it stands in the journal.
 *
 * @param index its number in the journal, from 1
 * @param keyId the key under which the payload is sealed, if it is
 * @param payload the bytes as they were appended
 */
public record Stored(long index, OptionalLong keyId, byte[] payload) {}
