package ansim.hub;

import ansim.trust.ClaimCode;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes codes on all processors, and says how far it is every few seconds: each costs a few milliseconds on purpose. */
final class ClaimCodes {
    private static final long TELL_EVERY_NANOS = 3_000_000_000L;

    private ClaimCodes() {}

    static List<ClaimCode> make(int count, PrintWriter progress) {
        SecureRandom random = new SecureRandom();
        ExecutorService workers =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), task -> {
                    Thread thread = new Thread(task, "codes");
                    thread.setDaemon(true);
                    return thread;
                });
        try {
            List<Future<ClaimCode>> made = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                made.add(workers.submit(() -> ClaimCode.random(random)));
            }
            List<ClaimCode> codes = new ArrayList<>(count);
            long toldNanos = System.nanoTime();
            for (Future<ClaimCode> each : made) {
                codes.add(each.get());
                if (System.nanoTime() - toldNanos > TELL_EVERY_NANOS) {
                    toldNanos = System.nanoTime();
                    progress.println("codes made: " + codes.size() + " of " + count);
                    progress.flush();
                }
            }
            return codes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a code could not be made", e);
        } finally {
            workers.shutdownNow();
        }
    }
}
