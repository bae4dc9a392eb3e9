package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ansim.edge.RideEvent.Kind;
import ansim.profile.CardNumber;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OpeningKey;
import ansim.wire.Pos;
import ansim.wire.RideChange.Source;
import ansim.wire.SealedCard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The known sequences of a taxi's day; each has one right answer. */
class RideTest {
    private static final Id8 BOOT = new Id8(7);
    private static final String ANN = "62E3086CED";
    private static final String BEN = "2E00AF0EC9";
    private static final String CEM = "0102030405";
    private static final Id16 UNIT = new Id16(1, 2);
    private static final OpeningKey VAULT = OpeningKey.generate(new SecureRandom());

    private final CardSealer cards = CardSealer.to(VAULT.sealingKey(), UNIT, new SecureRandom());

    /** Ignition (8), door (1), and a fare without cards: id, key, two times, lamp, riders, cards. */
    private static final int STATE_2_ADDS = 8 + 1 + 8 + Fare.KEY_BYTES + 8 + 8 + 1 + 4 + 1;

    private final SplittableRandom random = new SplittableRandom(1);
    private Ride ride = new Ride(RideRules.standard(), random, cards, RideTest::place);
    private final List<RideEvent> events = new ArrayList<>();

    private void lamp(double s, boolean hired) {
        events.addAll(ride.lamp(hired, ms(s)));
    }

    private void tap(double s, String card) {
        events.addAll(ride.tap(CardNumber.of(card), ms(s)));
    }

    private void tick(double s) {
        events.addAll(ride.tick(ms(s)));
    }

    /** A taxi that goes north all the time. */
    private static Optional<Pos> place(long atMs) {
        return Optional.of(Pos.of((int) atMs, 1_270_000_000));
    }

    private static long ms(double s) {
        return Math.round(s * 1000);
    }

    private void restart(double s, Id8 boot) throws IOException {
        byte[] state = ride.state(BOOT);
        ride = new Ride(RideRules.standard(), random, cards, RideTest::place);
        ride.restore(state, boot, ms(s));
    }

    /** What travels, as `kind source riders`, with rides numbered in the order in which they appear. */
    private List<String> told() {
        List<Id8> rides = new ArrayList<>();
        List<String> told = new ArrayList<>();
        for (RideEvent event : events) {
            if (event.travels()) {
                if (!rides.contains(event.ride())) {
                    rides.add(event.ride());
                }
                told.add("%s %d by %d riders %d"
                        .formatted(
                                event.kind(),
                                rides.indexOf(event.ride()) + 1,
                                event.source().code(),
                                event.riders()));
            }
        }
        return told;
    }

    /** Which of the cards known here each event that travels carries, `-` for none; each must open for the event's own ride. */
    private String cards() {
        StringBuilder names = new StringBuilder();
        for (RideEvent event : events) {
            if (event.travels()) {
                names.append(
                        event.sealedCard().map(card -> name(card, event.ride())).orElse("-"));
            }
        }
        return names.toString();
    }

    private static String name(Bytes secret, Id8 ride) {
        byte[] block = VAULT.open(secret, UNIT, ride).orElseThrow();
        for (String card : List.of(ANN, BEN, CEM)) {
            if (Arrays.equals(SealedCard.block(card.getBytes(StandardCharsets.US_ASCII)), block)) {
                return card.equals(ANN) ? "A" : card.equals(BEN) ? "B" : "C";
            }
        }
        return "?";
    }

    private long confirmed() {
        return events.stream().filter(RideEvent::confirmed).count();
    }

    @Test
    void payAtTheEnd() {
        lamp(0, false);
        lamp(10, true);
        tap(600, ANN);
        lamp(610, false);
        tick(612);
        assertEquals(List.of("BOARDED 1 by 2 riders 0", "UPDATED 1 by 1 riders 1", "ALIGHTED 1 by 2 riders 1"), told());
    }

    @Test
    void preApprovalAtSpeedNamesTheRideAndIsFlagged() {
        lamp(0, false);
        lamp(10, true);
        events.addAll(ride.speed(40, ms(30)));
        tap(30, ANN);
        lamp(600, false);
        tick(602);
        assertEquals(List.of("BOARDED 1 by 2 riders 0", "UPDATED 1 by 1 riders 1", "ALIGHTED 1 by 2 riders 1"), told());
        assertEquals(true, events.get(2).atSpeed());
        assertEquals(false, events.get(1).atSpeed());
    }

    @Test
    void aTapWithin60sOfTheLampIsTheSameBoarding() {
        lamp(0, false);
        tap(10, ANN);
        lamp(70, true);
        lamp(600, false);
        tick(602);
        assertEquals(List.of("BOARDED 1 by 1 riders 1", "ALIGHTED 1 by 2 riders 1"), told());
    }

    @Test
    void aLampMoreThan60sAfterTheTapIsAnotherRide() {
        lamp(0, false);
        tap(10, ANN);
        lamp(70.001, true);
        assertEquals(List.of("BOARDED 1 by 1 riders 1", "ALIGHTED 1 by 5 riders 1", "BOARDED 2 by 2 riders 0"), told());
    }

    @Test
    void aSecondCardIsAnotherRiderWhenNoLampEdgeCame() {
        lamp(0, true);
        tap(5, ANN);
        tap(8, BEN);
        assertEquals(3, confirmed(), "the waiting tap is confirmed, it is in the stored state");
        tick(68);
        assertEquals(2, told().size());
        tick(68.001);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(2));
        tap(100, BEN);
        assertEquals(3, told().size(), "known by now");
    }

    @Test
    void aSecondCardNamesTheNextRideWhenTheLampSaysSo() {
        lamp(0, true);
        tap(5, ANN);
        tap(100, BEN);
        lamp(110, false);
        lamp(130, true);
        tick(300);
        tap(300, BEN);
        assertEquals(
                List.of(
                        "BOARDED 1 by 2 riders 0",
                        "UPDATED 1 by 1 riders 1",
                        "ALIGHTED 1 by 2 riders 1",
                        "BOARDED 2 by 1 riders 1"),
                told());
    }

    @Test
    void aThirdCardMakesTheWaitingOneARiderAtOnce() {
        lamp(0, true);
        tap(5, ANN);
        tap(10, BEN);
        tap(15, CEM);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(2));
        tick(76);
        assertEquals("UPDATED 1 by 1 riders 3", told().get(3));
    }

    @Test
    void aDoubleTapAt1sIsOneTapAndAt5sIsKnown() {
        tap(0, ANN);
        tap(1, ANN);
        assertEquals(1, confirmed());
        tap(5, ANN);
        assertEquals(List.of("BOARDED 1 by 1 riders 1"), told());
        assertEquals(2, confirmed(), "a person who tapped again sees that it is stored");
    }

    @Test
    void aReaderThatRepeatsIsOneTapHoweverLong() {
        for (int i = 0; i < 200; i++) {
            tap(i * 0.5, ANN);
        }
        assertEquals(List.of("BOARDED 1 by 1 riders 1"), told());
        assertEquals(1, confirmed());
    }

    @Test
    void lampChatterAtABumpIsNothing() {
        lamp(0, false);
        lamp(10, true);
        lamp(300, false);
        lamp(301.9, true);
        tick(400);
        assertEquals(List.of("BOARDED 1 by 2 riders 0"), told());
    }

    @Test
    void theAlightingIsDatedByTheVacantEdgeNotByItsConfirmation() {
        lamp(0, true);
        lamp(100, false);
        lamp(101, false);
        tick(102.5);
        assertEquals(ms(100), events.get(events.size() - 1).atMs());
    }

    @Test
    void withoutALampTheSameCardAlightsAfter60s() {
        tap(0, ANN);
        tap(60, ANN);
        assertEquals(1, told().size(), "not within 60 s of the boarding");
        tap(300, ANN);
        tap(305, ANN);
        assertEquals(List.of("BOARDED 1 by 1 riders 1", "ALIGHTED 1 by 1 riders 1"), told());
        tap(400, ANN);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(2));
    }

    @Test
    void withoutALampAnotherCardIsAnotherRider() {
        tap(0, ANN);
        tap(3, BEN);
        tap(200, BEN);
        assertEquals(List.of("BOARDED 1 by 1 riders 1", "UPDATED 1 by 1 riders 2"), told());
    }

    @Test
    void withoutAReaderTheLampAloneMakesTheRide() {
        lamp(0, false);
        lamp(10, true);
        lamp(500, false);
        lamp(700, true);
        tick(701);
        assertEquals(List.of("BOARDED 1 by 2 riders 0", "ALIGHTED 1 by 2 riders 0", "BOARDED 2 by 2 riders 0"), told());
    }

    @Test
    void aTapUpTo60sAfterTheEndNamesTheRide() {
        lamp(0, true);
        lamp(100, false);
        tick(102);
        tap(150, ANN);
        assertEquals("UPDATED 1 by 1 riders 1", told().get(2));
        tap(155, ANN);
        assertEquals(3, told().size());
        tap(160, BEN);
        lamp(180, true);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(3), "the ride had its name: the other card waited");
    }

    @Test
    void aTapMoreThan60sAfterTheEndIsABoarding() {
        lamp(0, true);
        lamp(100, false);
        tick(102);
        tap(160.001, ANN);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(2));
    }

    @Test
    void anotherCardAfterTheEndThatNoLampFollowsWasAnotherRider() {
        lamp(0, true);
        tap(5, ANN);
        lamp(100, false);
        tick(102);
        tap(130, BEN);
        tick(190.001);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(3));
    }

    @Test
    void anAgentKilledInMidRideGoesOnWithTheSameRide() throws IOException {
        lamp(0, false);
        lamp(10, true);
        tap(20, ANN);
        restart(30, BOOT);
        lamp(30, true);
        tap(40, ANN);
        assertEquals(2, told().size(), "the card is known again");
        lamp(50, false);
        tick(52);
        assertEquals("ALIGHTED 1 by 2 riders 1", told().get(2));
    }

    @Test
    void anAgentKilledBeforeTheVacantEdgeWasConfirmedSeesItAgain() throws IOException {
        lamp(10, true);
        lamp(50, false);
        restart(51, BOOT);
        lamp(60, false);
        tick(62);
        assertEquals(List.of("BOARDED 1 by 2 riders 0", "ALIGHTED 1 by 2 riders 0"), told());
    }

    @Test
    void anEdgeWhileTheAgentWasDeadIsSeenAtTheStart() throws IOException {
        lamp(0, false);
        restart(5, BOOT);
        lamp(6, true);
        assertEquals(List.of("BOARDED 1 by 2 riders 0"), told());
    }

    private void isTold(RideEvent event, double s, boolean atSpeed) {
        assertEquals(ms(s), event.atMs());
        assertEquals(place(ms(s)), event.place());
        assertEquals(atSpeed, event.atSpeed());
    }

    /** Ann and Ben tap at the kerb; a minute later, when Ben's tap is told, the car drives a kilometre away. */
    @Test
    void aTapThatWaitedIsToldOfTheMomentThePlaceAndTheSpeedOfTheTap() throws IOException {
        lamp(0, true);
        tap(5, ANN);
        tap(8, BEN);
        ride.speed(60, ms(20));
        restart(30, BOOT);
        ride.speed(60, ms(30));
        tick(68.001);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(2));
        isTold(events.get(events.size() - 1), 8, false);
    }

    @Test
    void aTapAtSpeedThatWaitedIsToldSoThoughTheCarStandsByThen() throws IOException {
        lamp(0, true);
        tap(5, ANN);
        ride.speed(60, ms(20));
        tap(30, BEN);
        restart(31, BOOT);
        ride.speed(0, ms(80));
        tap(85, CEM);
        isTold(events.get(events.size() - 2), 30, true);
        lamp(90, false);
        tick(92);
        ride.speed(60, ms(93));
        lamp(100, true);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(4));
        isTold(events.get(events.size() - 1), 100, false);
    }

    /** Its time would be one of another boot, before the first millisecond of this one. */
    @Test
    void aTapThatWaitedOverANewBootIsToldOfTheRestart() throws IOException {
        lamp(1_000, true);
        tap(1_005, ANN);
        tap(1_100, BEN);
        restart(12, new Id8(8));
        tick(13);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(2));
        assertEquals(ms(12), events.get(events.size() - 1).atMs());
        assertEquals(place(ms(1_100)), events.get(events.size() - 1).place());
    }

    @Test
    void aWaitingTapSurvivesTheRestart() throws IOException {
        lamp(0, true);
        tap(5, ANN);
        tap(100, BEN);
        restart(105, BOOT);
        lamp(106, false);
        lamp(120, true);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(3));
    }

    @Test
    void afterANewBootTheSameCardDoesNotAlightFor60s() throws IOException {
        tap(1_000, ANN);
        restart(20, new Id8(8));
        tap(70, ANN);
        assertEquals(1, told().size());
        tap(81, ANN);
        assertEquals("ALIGHTED 1 by 1 riders 1", told().get(1));
    }

    @Test
    void afterANewBootAnEndedRideIsNotNamedAndAWaitingTapDoesNotWait() throws IOException {
        lamp(1_000, true);
        tap(1_005, ANN);
        tap(1_010, BEN);
        restart(20, new Id8(8));
        tick(20);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(2));
        lamp(30, false);
        tick(32);
        restart(33, new Id8(9));
        tap(34, CEM);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(4));
    }

    @Test
    void ignitionOffFor10MinEndsARideWithoutALamp() {
        tap(0, ANN);
        events.addAll(ride.contact("ignition", false, true, ms(100)));
        tick(699.999);
        assertEquals(1, told().size());
        tick(700);
        assertEquals("ALIGHTED 1 by 5 riders 1", told().get(1));
    }

    @Test
    void ignitionBackOnInTimeEndsNothing() {
        tap(0, ANN);
        events.addAll(ride.contact("ignition", false, true, ms(100)));
        events.addAll(ride.contact("ignition", true, true, ms(400)));
        tick(2_000);
        assertEquals(1, told().size());
    }

    @Test
    void aShutDoorAndAStartBoardOnlyWhereInferringIsAllowed() {
        for (boolean infer : new boolean[] {false, true}) {
            Ride inferring = new Ride(new RideRules(infer), random, cards, RideTest::place);
            List<RideEvent> seen = new ArrayList<>(inferring.speed(0, 0));
            seen.addAll(inferring.contact("door", false, true, 1_000));
            seen.addAll(inferring.contact("door", true, true, 5_000));
            seen.addAll(inferring.speed(15.0, 9_000));
            seen.addAll(inferring.speed(15.1, 10_000));
            seen.removeIf(event -> !event.travels());
            assertEquals(infer ? 1 : 0, seen.size());
            if (infer) {
                assertEquals(Kind.BOARDED, seen.get(0).kind());
                assertEquals(Source.INFERRED, seen.get(0).source());
            }
        }
    }

    @Test
    void theStoredStateHoldsNoCard() {
        tap(0, ANN);
        String state = new String(ride.state(BOOT), StandardCharsets.ISO_8859_1);
        assertEquals(-1, state.indexOf(ANN));
    }

    @Test
    void theSameCardOnTwoRidesHasTwoDigests() {
        Fare one = Fare.begin(random);
        Fare two = Fare.begin(random);
        assertNotEquals(one.digest(CardNumber.of(ANN)), two.digest(CardNumber.of(ANN)));
    }

    @Test
    void aCardTravelsSealedOnceWithTheEventThatItMakes() {
        tap(0, ANN);
        lamp(10, true);
        tap(20, ANN);
        tap(100, BEN);
        tick(160.001);
        lamp(200, false);
        tick(202);
        assertEquals(
                List.of("BOARDED", "UPDATED", "ALIGHTED"),
                told().stream()
                        .map(each -> each.substring(0, each.indexOf(' ')))
                        .toList());
        assertEquals("AB-", cards());
    }

    @Test
    void aTapThatWaitsIsSealedForWhicheverRideItTurnsOutToBe() throws IOException {
        lamp(0, true);
        tap(5, ANN);
        tap(100, BEN);
        restart(105, BOOT);
        lamp(106, false);
        lamp(120, true);
        assertEquals("-A-B", cards());
        tap(130, CEM);
        restart(135, BOOT);
        tick(190.001);
        assertEquals("-A-BC", cards());
    }

    @Test
    void withoutAVaultARideHasRidersButNoCard() {
        ride = new Ride(RideRules.standard(), random, CardSealer.none(), RideTest::place);
        lamp(0, true);
        tap(5, ANN);
        assertEquals(List.of("BOARDED 1 by 2 riders 0", "UPDATED 1 by 1 riders 1"), told());
        assertEquals("--", cards());
    }

    /** Version 1 had no sealed cards: an agent that is updated in mid-ride goes on with it. */
    @Test
    void theStateOfTheVersionBeforeIsRead() throws IOException {
        ride = new Ride(RideRules.standard(), random, CardSealer.none(), RideTest::place);
        lamp(0, true);
        tap(5, ANN);
        tap(100, BEN);
        byte[] state = ride.state(BOOT);
        byte[] before = Arrays.copyOf(state, state.length - 2);
        before[0] = 1;
        ride = new Ride(RideRules.standard(), random, cards, RideTest::place);
        ride.restore(before, BOOT, ms(110));
        lamp(111, false);
        lamp(120, true);
        assertEquals("BOARDED 2 by 1 riders 1", told().get(3));
        assertEquals(Optional.empty(), events.get(events.size() - 1).sealedCard());
    }

    /** Version 2 had neither the speed nor the place of a tap that waits. */
    @Test
    void aTapThatWaitsInTheStateOfTheVersionBeforeIsReadWithoutItsPlace() throws IOException {
        lamp(0, true);
        tap(5, ANN);
        tap(100, BEN);
        byte[] state = ride.state(BOOT);
        int behind = STATE_2_ADDS + Short.BYTES;
        int place = 1 + 1 + 3 * Integer.BYTES;
        byte[] before = Arrays.copyOf(state, state.length - place);
        System.arraycopy(state, state.length - behind, before, before.length - behind, behind);
        before[0] = 2;
        ride = new Ride(RideRules.standard(), random, cards, RideTest::place);
        ride.restore(before, BOOT, ms(110));
        tick(160.001);
        assertEquals("UPDATED 1 by 1 riders 2", told().get(2));
        assertEquals(ms(100), events.get(events.size() - 1).atMs());
        assertEquals(Optional.empty(), events.get(events.size() - 1).place());
        assertEquals("-AB", cards());
    }

    /** A unit is updated with a rider in it. */
    @Test
    void theStateOfTheVersionBeforeIsReadToo() throws IOException {
        lamp(10, true);
        byte[] older = Arrays.copyOf(ride.state(BOOT), ride.state(BOOT).length - STATE_2_ADDS);
        older[0] = 1;
        ride = new Ride(RideRules.standard(), random, CardSealer.none(), RideTest::place);
        ride.restore(older, BOOT, ms(20));
        tap(25, ANN);
        assertEquals(List.of("BOARDED 1 by 2 riders 0", "UPDATED 1 by 1 riders 1"), told());
    }

    @Test
    void aStateOfAnotherVersionIsRefused() {
        byte[] state = ride.state(BOOT);
        state[0] = 99;
        assertThrows(IOException.class, () -> ride.restore(state, BOOT, 0));
        assertThrows(IOException.class, () -> ride.restore(new byte[0], BOOT, 0));
    }
}
