package ansim.hub.intake;

import ansim.hub.core.Input;
import ansim.hub.core.Order;
import ansim.wire.UpMessage;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What waits for the {@link Committer}. */
sealed interface CommitWork {
    /** A message that may be stored. */
    record Verified(Incoming incoming, UpMessage message) implements CommitWork {}

    /** A connection that is to be told of everything. */
    record Greeting(Session session) implements CommitWork {}

    /** Work whose sender waits: told what came of it once that is durable, or why it never will be. */
    sealed interface Awaited<T> extends CommitWork {
        CompletableFuture<T> done();
    }

    /** Of the registry, the map, the settings; or what else the log is to hold. */
    record Change(Input input, CompletableFuture<Void> done) implements Awaited<Void> {
        boolean isAlarm() {
            return input instanceof Input.AppEmergency;
        }
    }

    /** A command. */
    record Ordering(Order order, CompletableFuture<Intake.Ordered> done) implements Awaited<Intake.Ordered> {}

    /** Keys to be destroyed. */
    record Erase(Committer.Erasing what, CompletableFuture<Optional<Input.Erasure>> done)
            implements Awaited<Optional<Input.Erasure>> {}

    /** A copy of the state to be begun. */
    record Copy(CompletableFuture<StateCopying> done) implements Awaited<StateCopying> {}

    /** Whoever waits for it hears that it will not be. */
    default void giveUp(Throwable why) {
        if (this instanceof Awaited<?> awaited) {
            awaited.done().completeExceptionally(why);
        }
    }
}
