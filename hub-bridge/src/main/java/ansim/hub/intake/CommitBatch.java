package ansim.hub.intake;

import ansim.hub.core.Input;
import ansim.hub.core.Logged;
import ansim.hub.core.Output;
import ansim.hub.intake.CommitWork.Change;
import ansim.hub.intake.CommitWork.Copy;
import ansim.hub.intake.CommitWork.Erase;
import ansim.hub.intake.CommitWork.Ordering;
import ansim.hub.trace.Trace;
import ansim.journal.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What shares one fsync, and who is to be told of it then. The committer's. */
final class CommitBatch {
    record Decided(Incoming incoming, Output output) {}

    record Placed(Ordering work, Intake.Ordered result) {}

    /** @param recorded what the log says of it now, or said before; empty when there was nothing left to record */
    record Erased(Erase work, Optional<Input.Erasure> recorded) {}

    /** By index. */
    final Map<Long, Logged> written = new HashMap<>();

    final List<Entry> entries = new ArrayList<>();
    final List<Decided> decided = new ArrayList<>();
    final List<Trace.Followed> followed = new ArrayList<>(0);
    final List<Session> greeted = new ArrayList<>();
    final List<Change> changes = new ArrayList<>();
    final List<Erased> erased = new ArrayList<>();
    final List<Placed> placed = new ArrayList<>();
    final List<Copy> copies = new ArrayList<>(0);
    boolean alarm;
    int works;

    /** Nothing of it is answered: whoever waits hears why. */
    void giveUp(Throwable why) {
        changes.forEach(each -> each.giveUp(why));
        placed.forEach(each -> each.work().giveUp(why));
        erased.forEach(each -> each.work().giveUp(why));
        copies.forEach(each -> each.giveUp(why));
    }
}
