package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.locationtech.jts.geom.Coordinate;
import org.locationtech.jts.geom.Geometry;
import org.locationtech.jts.geom.LineString;
import org.locationtech.jts.operation.linemerge.LineMerger;

/**
 * Whose a ride is: however noisy a receiver is along a border, at most one handover for each real crossing, and the same owner in whatever order the tracks
 * come.
 */
class OwnershipTest {
    private static final Id8 BOOT = new Id8(7);
    private static final long START_MS = 1_780_000_000_000L;
    private static final double METRES_A_DEGREE = 111_000;
    private static final int TRACK_FIXES = 30;
    private static final int LIVE_EVERY = 10;

    private static DistrictMap seoul() throws IOException {
        Path real = Path.of(System.getProperty("ansim.shared", ""), "data", "seoul-districts.geojson");
        Assumptions.assumeTrue(Files.exists(real), "needs " + real);
        return DistrictMap.parse(Files.readAllBytes(real)).map().orElseThrow();
    }

    private static Mark mark(long monoMs, Optional<Pos> pos) {
        return new Mark(BOOT, monoMs, When.at(START_MS + monoMs, TimeQuality.GNSS, When.Source.UNIT), pos.orElse(null));
    }

    /** Whoever owned it, one after the other: live positions as they happen, each track when it is full. */
    private static List<String> owners(DistrictMap map, List<Pos> fixes) {
        Ride ride = new Ride(new Id8(1));
        ride.board(map, mark(0, Optional.of(fixes.get(0))));
        List<String> owners = new ArrayList<>();
        note(owners, ride);
        for (int i = 0; i < fixes.size(); i++) {
            if (i % LIVE_EVERY == 0) {
                ride.pass(map, mark(1_000L * i, Optional.of(fixes.get(i))));
                note(owners, ride);
            }
            if ((i + 1) % TRACK_FIXES == 0 || i == fixes.size() - 1) {
                int from = i / TRACK_FIXES * TRACK_FIXES;
                track(map, ride, fixes, from, i + 1);
                note(owners, ride);
            }
        }
        return owners;
    }

    private static void track(DistrictMap map, Ride ride, List<Pos> fixes, int from, int to) {
        Track track = Track.through(fixes.subList(from, to), 1000, List.of(), Optional.of(ride.id));
        ride.pass(
                map,
                mark(1_000L * from, Optional.empty()),
                mark(1_000L * (to - 1), Optional.of(fixes.get(to - 1))),
                track);
    }

    private static void note(List<String> owners, Ride ride) {
        ride.owner()
                .filter(owner ->
                        owners.isEmpty() || !owners.get(owners.size() - 1).equals(owner))
                .ifPresent(owners::add);
    }

    /** Noise of a receiver, some of which stays for about half a minute, as between houses. */
    private static final class Noise {
        private final Random random;
        private final double sigmaM;
        private double slowEast;
        private double slowNorth;

        Noise(Random random, double sigmaM) {
            this.random = random;
            this.sigmaM = sigmaM;
        }

        Pos at(double lat, double lon) {
            slowEast = 0.97 * slowEast + 0.17 * random.nextGaussian();
            slowNorth = 0.97 * slowNorth + 0.17 * random.nextGaussian();
            double east = sigmaM * (0.7 * slowEast + 0.7 * random.nextGaussian());
            double north = sigmaM * (0.7 * slowNorth + 0.7 * random.nextGaussian());
            double x = lon + east / (METRES_A_DEGREE * Math.cos(Math.toRadians(lat)));
            return Pos.of((int) Math.round((lat + north / METRES_A_DEGREE) * 1e7), (int) Math.round(x * 1e7));
        }
    }

    private static List<LineString> shared(DistrictMap.Area a, DistrictMap.Area b) {
        Geometry common = a.ground().getBoundary().intersection(b.ground().getBoundary());
        LineMerger merger = new LineMerger();
        merger.add(common);
        List<LineString> lines = new ArrayList<>();
        for (Object line : merger.getMergedLineStrings()) {
            lines.add((LineString) line);
        }
        return lines;
    }

    /** The line in steps of a taxi, one a second. */
    private static List<Coordinate> steps(LineString line, double metresASecond) {
        List<Coordinate> steps = new ArrayList<>();
        Coordinate[] points = line.getCoordinates();
        for (int i = 1; i < points.length; i++) {
            double metres = points[i - 1].distance(points[i]) * METRES_A_DEGREE;
            int count = Math.max(1, (int) (metres / metresASecond));
            for (int k = 0; k < count; k++) {
                double t = (double) k / count;
                steps.add(new Coordinate(
                        points[i - 1].x + t * (points[i].x - points[i - 1].x),
                        points[i - 1].y + t * (points[i].y - points[i - 1].y)));
            }
        }
        return steps;
    }

    @Test
    void alongEverySharedBorderOfSeoulNoiseHandsNothingOver() throws IOException {
        DistrictMap map = seoul();
        Random random = new Random(11);
        int borders = 0;
        for (int i = 0; i < map.areas().size(); i++) {
            for (int k = i + 1; k < map.areas().size(); k++) {
                for (LineString line : shared(map.areas().get(i), map.areas().get(k))) {
                    if (line.getLength() * METRES_A_DEGREE < 300) {
                        continue;
                    }
                    borders++;
                    Noise noise = new Noise(random, 5 + random.nextInt(26));
                    List<Pos> fixes = steps(line, 12).stream()
                            .map(each -> noise.at(each.y, each.x))
                            .toList();
                    List<String> owners = owners(map, fixes);
                    // It began at noise, too: on whichever side, and there it stays.
                    assertEquals(
                            1,
                            owners.size(),
                            owners + " along the border of "
                                    + map.areas().get(i).district().name() + " and "
                                    + map.areas().get(k).district().name() + ", noise " + noise.sigmaM + " m");
                }
            }
        }
        assertTrue(borders > 40, borders + " borders");
    }

    @Test
    void acrossEverySharedBorderOfSeoulEachCrossingHandsOverOnceAtMost() throws IOException {
        DistrictMap map = seoul();
        Random random = new Random(12);
        int handedOver = 0;
        for (int i = 0; i < map.areas().size(); i++) {
            for (int k = i + 1; k < map.areas().size(); k++) {
                for (LineString line : shared(map.areas().get(i), map.areas().get(k))) {
                    handedOver += cross(map, line, random);
                }
            }
        }
        assertTrue(handedOver > 40, handedOver + " handovers");
    }

    /** Half a kilometre on either side, straight over the middle of a border. */
    private static int cross(DistrictMap map, LineString line, Random random) {
        List<Coordinate> steps = steps(line, 12);
        if (steps.size() < 20) {
            return 0;
        }
        Coordinate at = steps.get(steps.size() / 2);
        Coordinate next = steps.get(steps.size() / 2 + 1);
        double length = at.distance(next);
        double dx = (next.y - at.y) / length / METRES_A_DEGREE;
        double dy = -(next.x - at.x) / length / METRES_A_DEGREE;
        Noise noise = new Noise(random, 5 + random.nextInt(26));
        List<Pos> fixes = new ArrayList<>();
        List<String> truth = new ArrayList<>();
        for (int m = -500; m <= 500; m += 8) {
            double lat = at.y + dy * m;
            double lon = at.x + dx * m;
            fixes.add(noise.at(lat, lon));
            String code = map.locate(lat, lon).map(District::code).orElse(Event.OUTSIDE);
            if (truth.isEmpty() || !truth.get(truth.size() - 1).equals(code)) {
                truth.add(code);
            }
        }
        List<String> owners = owners(map, fixes);
        assertTrue(owners.size() <= truth.size(), owners + " of a way through " + truth + ", noise " + noise.sigmaM);
        return Math.max(0, owners.size() - 1);
    }

    @Test
    void theOwnerAndTheCourseAreTheSameInWhateverOrderTheTracksCome() throws IOException {
        DistrictMap map = TestMap.QUARTERS;
        Random random = new Random(13);
        for (int round = 0; round < 200; round++) {
            List<Pos> fixes = walk(random);
            List<int[]> tracks = new ArrayList<>();
            for (int from = 0; from < fixes.size(); from += TRACK_FIXES) {
                // Some never come: a gap.
                if (random.nextInt(4) > 0) {
                    tracks.add(new int[] {from, Math.min(from + TRACK_FIXES, fixes.size())});
                }
            }
            String inOrder = end(map, fixes, tracks);
            Collections.shuffle(tracks, random);
            assertEquals(inOrder, end(map, fixes, tracks), "round " + round);
        }
    }

    /** Around the corner of all four quarters, with turns. */
    private static List<Pos> walk(Random random) {
        List<Pos> fixes = new ArrayList<>();
        double lat = 37.5 + (random.nextDouble() - 0.5) * 0.01;
        double lon = 127.0 + (random.nextDouble() - 0.5) * 0.01;
        double course = random.nextDouble() * 2 * Math.PI;
        for (int i = 0; i < 600; i++) {
            course += random.nextGaussian() * 0.1;
            lat += Math.cos(course) * 10 / METRES_A_DEGREE;
            lon += Math.sin(course) * 10 / METRES_A_DEGREE / Math.cos(Math.toRadians(lat));
            fixes.add(Pos.of((int) Math.round(lat * 1e7), (int) Math.round(lon * 1e7)));
        }
        return fixes;
    }

    private static String end(DistrictMap map, List<Pos> fixes, List<int[]> tracks) {
        Ride ride = new Ride(new Id8(1));
        tracks.forEach(each -> track(map, ride, fixes, each[0], each[1]));
        return ride.owner() + " " + ride.districts() + " " + ride.course().lengthM() + " m, gaps "
                + ride.course().gaps(START_MS, START_MS + 600_000);
    }

    @Test
    void ownershipPassesWhenTheTaxiIsAHundredMetresAndThirtySecondsInside() {
        // East along 37.45, over the border between A and B at 127.0: 8.8 m a second.
        List<Pos> fixes = new ArrayList<>();
        for (int i = -40; i <= 60; i++) {
            fixes.add(Pos.of(374_500_000, 1_270_000_000 + i * 1_000 + 500));
        }
        Ride ride = new Ride(new Id8(1));
        ride.board(TestMap.QUARTERS, mark(0, Optional.of(fixes.get(0))));
        int handed = -1;
        for (int i = 0; i < fixes.size() && handed < 0; i++) {
            ride.pass(TestMap.QUARTERS, mark(1_000L * i, Optional.of(fixes.get(i))));
            handed = ride.owner().equals(Optional.of("B")) ? i : -1;
        }
        assertEquals(40 + 30, handed, "it entered with its 41st fix, and was 100 m in long before 30 s had passed");
    }

    @Test
    void whoStandsJustBehindTheBorderOwnsNothingHoweverLong() {
        Ride ride = new Ride(new Id8(1));
        ride.board(TestMap.QUARTERS, mark(0, Optional.of(TestMap.IN_A)));
        for (int i = 0; i < 100; i++) {
            ride.pass(TestMap.QUARTERS, mark(10_000L * i, Optional.of(Pos.of(374_500_000, 1_270_010_000))));
        }
        assertEquals(Optional.of("A"), ride.owner(), "88 m behind it for a quarter of an hour");
    }

    @Test
    void aCornerCutBetweenTwoFixesCountsAsPassedAndHandsNothingOver() {
        // From B to C in one step, over the south-west corner: A lies between them, and no fix in it.
        Pos inB = Pos.of(374_999_000, 1_270_003_000);
        Pos inC = Pos.of(375_001_000, 1_269_990_000);
        Ride ride = new Ride(new Id8(1));
        ride.board(TestMap.QUARTERS, mark(0, Optional.of(inB)));
        track(TestMap.QUARTERS, ride, List.of(inB, inC), 0, 2);
        assertEquals(List.of("A", "B", "C"), cutting(inB, inC));
        assertEquals(List.of("A", "B", "C"), ride.districts());
        assertEquals(Optional.of("B"), ride.owner());
    }

    private static List<String> cutting(Pos from, Pos to) {
        List<String> codes = new ArrayList<>(new LinkedHashSet<>(TestMap.QUARTERS.along(from, to)));
        Collections.sort(codes);
        return codes;
    }

    @Test
    void theLengthIsThatOfTheTracksAndLivePositionsDoNotAddToIt() {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            fixes.add(Pos.of(374_500_000 + i * 1_000, 1_269_500_000));
        }
        Ride ride = new Ride(new Id8(1));
        for (int from = 0; from < 300; from += TRACK_FIXES) {
            track(TestMap.QUARTERS, ride, fixes, from, from + TRACK_FIXES);
        }
        assertEquals(3_319.0, (double) ride.course().lengthM(), 2);
        for (int i = 0; i < 300; i += LIVE_EVERY) {
            ride.pass(TestMap.QUARTERS, mark(1_000L * i, Optional.of(fixes.get(i))));
        }
        track(TestMap.QUARTERS, ride, fixes, 60, 90);
        assertEquals(3_319.0, (double) ride.course().lengthM(), 2);
        assertEquals(List.of(), ride.course().gaps(START_MS, START_MS + 299_000));
    }

    @Test
    void aTaxiThatStandsWithANoisyReceiverDrivesNowhere() {
        Noise noise = new Noise(new Random(3), 3);
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            fixes.add(noise.at(37.45, 126.95));
        }
        Ride ride = new Ride(new Id8(1));
        for (int from = 0; from < 600; from += TRACK_FIXES) {
            track(TestMap.QUARTERS, ride, fixes, from, from + TRACK_FIXES);
        }
        assertTrue(ride.course().lengthM() < 250, ride.course().lengthM() + " m in ten minutes");
    }

    @Test
    void whatNoTrackTellsOfIsAGapAndDrivenStraight() {
        List<Pos> fixes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            fixes.add(Pos.of(374_500_000 + i * 1_000, 1_269_500_000));
        }
        Ride ride = new Ride(new Id8(1));
        track(TestMap.QUARTERS, ride, fixes, 30, 60);
        track(TestMap.QUARTERS, ride, fixes, 180, 270);
        assertEquals(
                List.of(
                        new Course.Gap(START_MS, START_MS + 30_000),
                        new Course.Gap(START_MS + 59_000, START_MS + 180_000),
                        new Course.Gap(START_MS + 269_000, START_MS + 300_000)),
                ride.course().gaps(START_MS, START_MS + 300_000));
        assertEquals(239 * 11.1, (double) ride.course().lengthM(), 5);
    }
}
