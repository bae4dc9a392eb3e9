package ansim.hub.load;

import ansim.wire.Lane;
import java.util.List;
import java.util.stream.Collectors;

/** Several ways, each for a range of units. */
final class SplitLink implements Link {
    /**
     * One of them.
     *
     * @param before the number of the first unit that comes another way
     */
    record Share(Link link, int before) {}

    private final List<Share> shares;

    /** @param shares in the order of the units' numbers; the last takes all that are left */
    SplitLink(List<Share> shares) {
        this.shares = List.copyOf(shares);
    }

    private Link of(int unit) {
        for (Share each : shares) {
            if (unit < each.before) {
                return each.link;
            }
        }
        return shares.get(shares.size() - 1).link;
    }

    @Override
    public boolean hasRoom(int unit, Lane lane) {
        return of(unit).hasRoom(unit, lane);
    }

    @Override
    public void send(int unit, Lane lane, byte[] signed) {
        of(unit).send(unit, lane, signed);
    }

    @Override
    public String words() {
        return shares.stream().map(each -> each.link.words()).collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        shares.forEach(each -> each.link.close());
    }
}
