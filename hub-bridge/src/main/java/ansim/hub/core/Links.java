package ansim.hub.core;

/**
 * Where a logged message stands in its chain: log indexes of earlier messages, so that an old number is found by walking back in at
 * most 64 + 64 + n / 4096 steps. 0 means none.
 *
 * <p>A block is 64 numbers, a superblock 4096; a link to a block names the first stored message in it.
 *
 * <p>What was stored out of the order of numbers has such links within its run, that is as long as its own numbers ascend; what older
 * versions stored so has none.
 *
 * @param previous log index of the message stored before this one in the chain, in the order of numbers
 * @param previousN its number
 * @param block log index of the first message of the block that was current before this message
 * @param blockN its number
 * @param superblock likewise for the superblock
 * @param superblockN its number
 * @param side log index of the newest message of the chain that was stored out of the order of numbers: a fork, or one that a gap
 *     record had named; for one of those itself the newest before its run
 */
public record Links(
        long previous, long previousN, long block, long blockN, long superblock, long superblockN, long side) {
    static final Links NONE = new Links(0, 0, 0, 0, 0, 0, 0);
    static final int BLOCK = 64;
    static final int SUPERBLOCK = 4096;

    /** The furthest link that does not jump over {@code n}, or 0 when {@code n} was never stored in order. */
    long towards(long n) {
        if (superblock != 0 && superblockN >= n) {
            return superblock;
        }
        if (block != 0 && blockN >= n) {
            return block;
        }
        return previous != 0 && previousN >= n ? previous : 0;
    }
}
