package ansim.hub.api;

import ansim.wire.Id16;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The same request again is answered as it was, for {@link #KEPT} and also after a restart: by the account and the header
 * {@code Idempotency-Key}. Another request under a key that was used is refused, and one under a key that is being worked on, too. What has failed may
 * be asked again. Any thread.
 */
final class Once {
    /** How long answers are kept. */
    static final Duration KEPT = Duration.ofDays(3);

    static final String HEADER = "idempotency-key";
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{8,100}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Accounts accounts;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    Once(Accounts accounts) {
        this.accounts = accounts;
    }

    /** Does it, knowing an id that is the same whenever the request is. */
    interface Work {
        Operation.Answer run(Id16 key) throws IOException, Problem;
    }

    /**
     * Answers a request.
     *
     * @param what is asked for: the same key for something else is another request
     */
    Operation.Answer answer(Asked asked, String what, Work work) throws IOException, Problem {
        String key = asked.headers().getOrDefault(HEADER, "");
        if (!KEY.matcher(key).matches()) {
            throw Asked.bad("Idempotency-Key must be given: 8 to 100 characters without blanks, new for each request");
        }
        String whole = asked.account().name() + " " + key;
        if (!underWay.add(whole)) {
            throw new Problem(Problem.Kind.CONFLICT, "a request under this key is being worked on");
        }
        try {
            byte[] request = hash(
                    what.getBytes(StandardCharsets.UTF_8),
                    asked.part("id").getBytes(StandardCharsets.UTF_8),
                    asked.body());
            Optional<Accounts.Kept> kept = accounts.answer(asked.account(), key);
            if (kept.isPresent()) {
                return again(kept.get(), request);
            }
            Operation.Answer answer = work.run(Id16.first(hash(whole.getBytes(StandardCharsets.UTF_8))));
            String body = answer.body().map(Object::toString).orElse("");
            accounts.keep(
                    asked.account(),
                    key,
                    new Accounts.Kept(request, answer.status(), body),
                    asked.at(),
                    asked.at().minus(KEPT));
            return answer;
        } finally {
            underWay.remove(whole);
        }
    }

    private static Operation.Answer again(Accounts.Kept kept, byte[] request) throws IOException, Problem {
        if (!MessageDigest.isEqual(kept.request(), request)) {
            throw new Problem(Problem.Kind.OTHER_REQUEST, "another request was answered under this key");
        }
        return new Operation.Answer(
                kept.status(), kept.body().isEmpty() ? Optional.empty() : Optional.of(JSON.readTree(kept.body())));
    }

    private static byte[] hash(byte[]... parts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                sha.update(part);
                sha.update((byte) 0);
            }
            return sha.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
