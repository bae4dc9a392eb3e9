package ansim.hub.core;

import java.util.List;
import org.locationtech.jts.geom.Envelope;

/**
 * A grid over a map that answers most questions without its polygons: which cells lie wholly in one district, and which of them further from every
 * border than {@link DistrictMap#INSIDE_M}. Where a border is near it does not know, and the polygons are asked. Immutable; any thread.
 */
final class Raster {
    /** Degrees of a cell: about 110 m to the north, 90 m to the east in Korea; larger where a map would need more than {@link #MAX_CELLS}. */
    private static final double CELL_DEG = 0.001;

    private static final int MAX_CELLS = 1 << 20;
    private static final double METRES_PER_DEGREE = 110_500;
    private static final byte UNKNOWN = 0;
    private static final byte WHOLE = 1;
    private static final byte INSIDE = 2;

    private final double west;
    private final double south;
    private final double cell;
    private final int columns;
    private final int rows;
    /** Number of the district in the map plus 1, 0 for none; of a cell that is not {@link #UNKNOWN}. */
    private final short[] district;

    private final byte[] kind;

    /** What a point's cell says. */
    interface Locator {
        /** The number of the district there, or -1. */
        int locate(double lat, double lon);
    }

    Raster(List<DistrictMap.Area> areas, Locator exact) {
        Envelope box = new Envelope();
        areas.forEach(area -> box.expandToInclude(area.ground().getEnvelopeInternal()));
        double size = CELL_DEG;
        while ((box.getWidth() / size + 3) * (box.getHeight() / size + 3) > MAX_CELLS) {
            size *= 2;
        }
        cell = size;
        west = box.isNull() ? 0 : box.getMinX() - cell;
        south = box.isNull() ? 0 : box.getMinY() - cell;
        columns = box.isNull() ? 0 : (int) Math.ceil(box.getWidth() / cell) + 2;
        rows = box.isNull() ? 0 : (int) Math.ceil(box.getHeight() / cell) + 2;
        district = new short[columns * rows];
        kind = new byte[columns * rows];
        byte[] touched = new byte[columns * rows];
        for (DistrictMap.Area area : areas) {
            Borders.segments(area.ground(), (ax, ay, bx, by) -> touch(touched, ax, ay, bx, by));
        }
        fill(touched, exact);
    }

    /** Marks the cells of a segment, and those within the margin of it: 1 near, 2 touched. In small steps, each by its box. */
    private void touch(byte[] touched, double ax, double ay, double bx, double by) {
        double lat = Math.min(89, Math.max(Math.abs(ay), Math.abs(by)));
        double marginY = DistrictMap.INSIDE_M / METRES_PER_DEGREE * 1.01;
        double marginX = marginY / Math.cos(Math.toRadians(lat));
        int steps = (int) Math.ceil(Math.max(Math.abs(bx - ax), Math.abs(by - ay)) / cell) + 1;
        for (int i = 0; i < steps; i++) {
            double fromX = ax + (bx - ax) * i / steps;
            double fromY = ay + (by - ay) * i / steps;
            double toX = ax + (bx - ax) * (i + 1) / steps;
            double toY = ay + (by - ay) * (i + 1) / steps;
            mark(touched, fromX, fromY, toX, toY, marginX, marginY, (byte) 1);
            mark(touched, fromX, fromY, toX, toY, cell / 1000, cell / 1000, (byte) 2);
        }
    }

    private void mark(
            byte[] touched, double ax, double ay, double bx, double by, double marginX, double marginY, byte what) {
        int left = Math.max(0, (int) Math.floor((Math.min(ax, bx) - marginX - west) / cell));
        int right = Math.min(columns - 1, (int) Math.floor((Math.max(ax, bx) + marginX - west) / cell));
        int low = Math.max(0, (int) Math.floor((Math.min(ay, by) - marginY - south) / cell));
        int high = Math.min(rows - 1, (int) Math.floor((Math.max(ay, by) + marginY - south) / cell));
        for (int row = low; row <= high; row++) {
            for (int column = left; column <= right; column++) {
                int at = row * columns + column;
                touched[at] = (byte) Math.max(touched[at], what);
            }
        }
    }

    /** Neighbours in a row with no border in either have the same district: it is asked for once. */
    private void fill(byte[] touched, Locator exact) {
        for (int row = 0; row < rows; row++) {
            boolean known = false;
            short number = 0;
            for (int column = 0; column < columns; column++) {
                int at = row * columns + column;
                if (touched[at] == 2) {
                    known = false;
                    continue;
                }
                if (!known) {
                    number = (short) (exact.locate(south + (row + 0.5) * cell, west + (column + 0.5) * cell) + 1);
                    known = true;
                }
                district[at] = number;
                kind[at] = touched[at] == 0 ? INSIDE : WHOLE;
            }
        }
    }

    private int at(double lat, double lon) {
        double x = (lon - west) / cell;
        double y = (lat - south) / cell;
        return x >= 0 && y >= 0 && x < columns && y < rows ? ((int) y) * columns + (int) x : -1;
    }

    /** Whether {@link #district} knows. */
    boolean knows(double lat, double lon) {
        int at = at(lat, lon);
        return at >= 0 && kind[at] != UNKNOWN;
    }

    /** The number of the district of a point that this {@link #knows}, or -1 for none. */
    int district(double lat, double lon) {
        return district[at(lat, lon)] - 1;
    }

    /** Whether two points are in one cell that no border touches: then none lies between them. */
    boolean isOneCell(double lat, double lon, double otherLat, double otherLon) {
        int at = at(lat, lon);
        return at >= 0 && kind[at] != UNKNOWN && at == at(otherLat, otherLon);
    }

    /** Whether a point is surely further than the margin from every border; where it is not sure, false. */
    boolean isFarFromBorders(double lat, double lon) {
        int at = at(lat, lon);
        return at >= 0 && kind[at] == INSIDE;
    }
}
