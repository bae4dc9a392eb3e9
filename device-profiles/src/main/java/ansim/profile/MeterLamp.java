package ansim.profile;

import ansim.settings.Default;
import java.util.function.Consumer;

/** The hired or vacant lamp of a taxi's meter, by its 12 V feed through an opto-isolator. */
final class MeterLamp implements LineDecoder {
    /** What the lamp says when it is lit. */
    enum Lit {
        HIRED,
        VACANT
    }

    /**
     * Options.
     *
     * @param lit what the lit lamp means: the polarity
     */
    record Options(@Default("hired") Lit lit) {}

    private final boolean hiredWhenLit;

    MeterLamp(Options options) {
        hiredWhenLit = options.lit() == Lit.HIRED;
    }

    @Override
    public void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink) {
        sink.accept(new Reading.Lamp(active == hiredWhenLit, initial));
    }
}
