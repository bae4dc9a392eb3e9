package ansim.hub.model;

/** 64-bit hashes of states; two of a million states share one with a probability of 10^-7. */
final class Mix {
    private Mix() {}

    static long of(long a, long b) {
        long x = a * 0x9E3779B97F4A7C15L + b + 0x7F4A7C159E3779B9L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }

    static long of(long a, long b, long c) {
        return of(of(a, b), c);
    }
}
