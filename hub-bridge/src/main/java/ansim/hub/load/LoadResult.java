package ansim.hub.load;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Optional;

/**
 * What a run has measured.
 *
 * @param way how the messages went to the hub
 * @param seconds of measuring
 * @param messagesPerS receipted
 * @param positionsPerS in receipted messages
 * @param receiptsPerS what the hub told the units: one receipt may name many messages
 * @param centreEventsPerS that came to the centre, with what came twice
 * @param receiptDelays of lanes 1 and 2
 * @param centreDelays from sending to the centre, without alarms
 * @param alarmDelays of alarms
 * @param latestMs how far the generator was behind its clock at most: a load that was not held
 * @param unreceipted never receipted, though waited for
 * @param wrong receipts that did not verify, name another hash, or were refusals
 * @param missing at the centre, though waited for
 * @param lost connections
 * @param connections to the door, when all were cut at the end and came back
 * @param hub of its process, if it was watched
 */
public record LoadResult(
        LoadProfile profile,
        int units,
        String way,
        double seconds,
        double messagesPerS,
        double positionsPerS,
        double receiptsPerS,
        double centreEventsPerS,
        Delays receiptDelays,
        Delays centreDelays,
        Delays alarmDelays,
        double latestMs,
        long unreceipted,
        long wrong,
        long missing,
        long lost,
        @JsonIgnore Optional<Connections> connections,
        @JsonIgnore Optional<Hub> hub) {
    LoadResult with(Optional<Connections> made) {
        return new LoadResult(
                profile,
                units,
                way,
                seconds,
                messagesPerS,
                positionsPerS,
                receiptsPerS,
                centreEventsPerS,
                receiptDelays,
                centreDelays,
                alarmDelays,
                latestMs,
                unreceipted,
                wrong,
                missing,
                lost,
                made,
                hub);
    }

    /**
     * Of units with a connection each.
     *
     * @param count how many
     * @param connectS seconds until all stood and had subscribed, at the start
     * @param reconnectS the same after all were cut at one moment, while nobody sends; how long it was waited when {@code back} is less than
     *     {@code count}
     * @param back how many came back
     * @param failures attempts of the second time that led to nothing
     * @param rssMiB of the hub's process at its peak, taken once they were back; zero when it was not watched
     */
    public record Connections(int count, double connectS, double reconnectS, int back, int failures, double rssMiB) {}

    /**
     * Of the hub's process.
     *
     * @param cpuPercent 100 is one processor
     * @param cpuUsPerMessage user and system
     * @param rssMiB at the end of measuring
     * @param logBytesPerMessage of the log alone
     * @param writtenBytesPerMessage of log, views and indexes, as handed to the disk
     */
    public record Hub(
            double cpuPercent,
            double cpuUsPerMessage,
            double rssMiB,
            double logBytesPerMessage,
            double writtenBytesPerMessage) {
        static Hub of(HubFigures.Now first, HubFigures.Now then, double seconds, long messages) {
            double cpuUs = then.cpuUs() - first.cpuUs();
            double per = Math.max(1, messages);
            return new Hub(
                    cpuUs / seconds / 1e4,
                    cpuUs / per,
                    then.rssBytes() / 1048576.0,
                    (then.logBytes() - first.logBytes()) / per,
                    (then.writtenBytes() - first.writtenBytes()) / per);
        }
    }
}
