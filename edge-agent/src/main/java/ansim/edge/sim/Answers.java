package ansim.edge.sim;

import ansim.profile.Play;
import ansim.profile.Play.Hears;
import ansim.profile.Play.Level;
import ansim.profile.Play.Row;
import ansim.profile.Play.Says;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A device that says what a known answer lets it say, over and over. Pure: time comes in, what is to be said comes out.
 *
 * <p>A device that speaks by itself says its rows at their times, and again so long after the last one. A device that is asked knows,
 * for each request of the known answer, the answers in their order: the first time it is asked it gives the first one, and so on; the
 * last one again and again, until all are spent and so much time has passed that the round begins anew. It says nothing to a
 * request that is not in the known answer.
 *
 * <p>A line's level stands for {@value #SHORTEST_LEVEL_MS} ms at least, since simulated lines are polled; pulses are
 * {@value #SLOWER} times slower than a reader's. At most {@value #MOST_HELD} bytes that are no request are kept. One thread.
 */
final class Answers {
    static final long SHORTEST_LEVEL_MS = 60;
    static final int SLOWER = 60;
    private static final int MOST_HELD = 4_096;

    private final long everyMs;
    private final int slower;
    private final List<Row> unasked = new ArrayList<>();
    private final Map<String, List<List<Says>>> answers = new LinkedHashMap<>();
    private final Map<String, Integer> given = new LinkedHashMap<>();
    private final Deque<Due> due = new ArrayDeque<>();
    private byte[] held = {};
    private OptionalLong spentMs = OptionalLong.empty();
    private long levelMs = Long.MIN_VALUE / 2;

    private record Due(Row row, long atMs) {}

    Answers(Play play, long everyMs) {
        this.everyMs = everyMs;
        slower = play.pulses() ? SLOWER : 1;
        List<Says> group = new ArrayList<>();
        boolean asked = false;
        for (Row row : play.rows()) {
            if (row instanceof Hears hears) {
                group = new ArrayList<>();
                asked = true;
                answers.computeIfAbsent(hears.hex(), none -> new ArrayList<>()).add(group);
            } else if (asked && row instanceof Says says) {
                group.add(says);
            } else {
                unasked.add(row);
            }
        }
        // The known answer ends with a request whose answer it does not tell.
        if (asked && group.isEmpty() && play.rows().get(play.rows().size() - 1) instanceof Hears last) {
            List<List<Says>> all = answers.getOrDefault(last.hex(), List.of());
            if (all.size() > 1) {
                all.remove(all.size() - 1);
            }
        }
    }

    /** The line was opened by somebody: a device that speaks when it is connected does, and everything begins anew. */
    void opened(long nowMs) {
        given.clear();
        spentMs = OptionalLong.empty();
        held = new byte[0];
        due.clear();
        begin(nowMs);
    }

    private void begin(long nowMs) {
        for (Row row : unasked) {
            due.add(new Due(row, nowMs + (row.ms() - unasked.get(0).ms()) * slower));
        }
    }

    /** The device was told something. */
    void heard(byte[] some, long nowMs) {
        byte[] all = Arrays.copyOf(held, held.length + some.length);
        System.arraycopy(some, 0, all, held.length, some.length);
        String hex = HexFormat.of().withUpperCase().formatHex(all);
        Optional<String> request =
                answers.keySet().stream().filter(hex::endsWith).max(Comparator.comparingInt(String::length));
        if (request.isPresent()) {
            held = new byte[0];
            answer(request.get(), nowMs);
        } else {
            held = all.length > MOST_HELD ? Arrays.copyOfRange(all, all.length - MOST_HELD, all.length) : all;
        }
    }

    private void answer(String request, long nowMs) {
        if (spentMs.isPresent() && nowMs - spentMs.getAsLong() >= everyMs) {
            given.clear();
            spentMs = OptionalLong.empty();
        }
        List<List<Says>> all = answers.getOrDefault(request, List.of());
        int nth = given.merge(request, 1, Integer::sum);
        List<Says> answer = all.get(Math.min(nth, all.size()) - 1);
        long firstMs = answer.isEmpty() ? 0 : answer.get(0).ms();
        answer.forEach(says -> due.add(new Due(says, nowMs + says.ms() - firstMs)));
        if (spentMs.isEmpty() && answers.entrySet().stream().allMatch(this::spent)) {
            spentMs = OptionalLong.of(nowMs);
        }
    }

    private boolean spent(Map.Entry<String, List<List<Says>>> each) {
        return each.getValue().size() == 1
                || given.getOrDefault(each.getKey(), 0) >= each.getValue().size();
    }

    /** What is to be said, or which level is to be set, now. */
    List<Row> due(long nowMs) {
        List<Row> now = new ArrayList<>();
        while (!due.isEmpty() && due.getFirst().atMs() <= nowMs) {
            Row row = due.getFirst().row();
            if (row instanceof Level) {
                if (nowMs - levelMs < SHORTEST_LEVEL_MS) {
                    break;
                }
                levelMs = nowMs;
            }
            now.add(due.removeFirst().row());
            if (due.isEmpty() && answers.isEmpty()) {
                begin(nowMs + everyMs);
            }
        }
        return now;
    }
}
