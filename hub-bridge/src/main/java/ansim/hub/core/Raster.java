package ansim.hub.core;

import java.util.List;
import org.locationtech.jts.geom.Envelope;

/**
 * A grid over a map that answers most questions without its polygons: which cells lie wholly in one district, and which of those are
 * further from every border than {@link DistrictMap#INSIDE_M}, or nowhere so far. Where it does not know the polygons are asked. Immutable; any thread.
 */
final class Raster {
    /** Degrees of a cell: about 33 m to the north, 26 m to the east in Korea; larger where a map would need more than {@link #MAX_CELLS}. */
    private static final double CELL_DEG = 0.0003;

    private static final int MAX_CELLS = 1 << 21;
    /** Cells between two places that are looked at one by one. */
    private static final int MAX_BETWEEN = 64;

    private static final double METRES_PER_DEGREE = 110_500;
    private static final double MAX_METRES_PER_DEGREE = 111_800;

    /** In the upper bits of a cell; in the lower ones the number of its district in the map plus 1, 0 for none. */
    private static final int KIND = 0x6000;

    /** A border is in it, or may be. */
    private static final int UNKNOWN = 0;
    /** No border is in it. */
    private static final int WHOLE = 0x2000;
    /** And none is within the margin of any of its points. */
    private static final int INSIDE = 0x4000;
    /** Of a WHOLE one: its district's border is within the margin of every point. */
    private static final int EDGE = 0x6000;

    static final int MAX_DISTRICTS = 0x1fff - 1;

    private static final byte NEAR = 1;
    private static final byte TOUCHED = 2;

    private final double west;
    private final double south;
    private final double cell;
    private final double perDegree;
    private final int columns;
    private final int rows;
    private final short[] cells;

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
        perDegree = 1 / size;
        boolean none = box.isNull() || areas.size() > MAX_DISTRICTS;
        west = none ? 0 : box.getMinX() - cell;
        south = none ? 0 : box.getMinY() - cell;
        columns = none ? 0 : (int) Math.ceil(box.getWidth() / cell) + 2;
        rows = none ? 0 : (int) Math.ceil(box.getHeight() / cell) + 2;
        cells = new short[columns * rows];
        byte[] touched = new byte[columns * rows];
        for (DistrictMap.Area area : areas) {
            eachPiece(area, (ax, ay, bx, by) -> touch(touched, ax, ay, bx, by));
        }
        fill(touched, exact);
        for (int number = 0; number < areas.size(); number++) {
            int own = WHOLE | (number + 1);
            eachPiece(areas.get(number), (ax, ay, bx, by) -> edge(own, ax, ay));
        }
    }

    /** The borders of a district in pieces that are no longer than a cell. */
    private void eachPiece(DistrictMap.Area area, Borders.Segments taker) {
        Borders.segments(area.ground(), (ax, ay, bx, by) -> {
            int steps = (int) Math.ceil(Math.max(Math.abs(bx - ax), Math.abs(by - ay)) / cell) + 1;
            for (int i = 0; i < steps; i++) {
                taker.take(
                        ax + (bx - ax) * i / steps,
                        ay + (by - ay) * i / steps,
                        ax + (bx - ax) * (i + 1) / steps,
                        ay + (by - ay) * (i + 1) / steps);
            }
        });
    }

    /** Marks the cells in the box of a piece, and those within the margin of it. */
    private void touch(byte[] touched, double ax, double ay, double bx, double by) {
        double lat = Math.min(89, Math.max(Math.abs(ay), Math.abs(by)));
        double marginY = DistrictMap.INSIDE_M / METRES_PER_DEGREE * 1.01;
        double marginX = marginY / Math.cos(Math.toRadians(lat));
        mark(touched, ax, ay, bx, by, marginX, marginY, NEAR);
        mark(touched, ax, ay, bx, by, cell / 1000, cell / 1000, TOUCHED);
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
            int number = 0;
            for (int column = 0; column < columns; column++) {
                int at = row * columns + column;
                if (touched[at] == TOUCHED) {
                    known = false;
                    continue;
                }
                if (!known) {
                    number = exact.locate(south + (row + 0.5) * cell, west + (column + 0.5) * cell) + 1;
                    known = true;
                }
                cells[at] = (short) ((touched[at] == 0 ? INSIDE : WHOLE) | number);
            }
        }
    }

    /** A point of a district's border: of its cells those of which no corner is further from it than the margin. */
    private void edge(int own, double x, double y) {
        double perLon = MAX_METRES_PER_DEGREE * Math.cos(Math.toRadians(Math.max(0, Math.abs(y) - 1)));
        int reach = (int) Math.min(100, DistrictMap.INSIDE_M / METRES_PER_DEGREE / cell) + 1;
        int wide = (int) Math.min(1000, reach / Math.max(0.1, Math.cos(Math.toRadians(Math.min(89, Math.abs(y)))))) + 1;
        int middleRow = (int) Math.floor((y - south) / cell);
        int middleColumn = (int) Math.floor((x - west) / cell);
        for (int row = Math.max(0, middleRow - reach); row <= Math.min(rows - 1, middleRow + reach); row++) {
            for (int column = Math.max(0, middleColumn - wide);
                    column <= Math.min(columns - 1, middleColumn + wide);
                    column++) {
                int at = row * columns + column;
                double dx = farther(x, west + column * cell) * perLon;
                double dy = farther(y, south + row * cell) * MAX_METRES_PER_DEGREE;
                if (cells[at] == own && Math.hypot(dx, dy) < 0.999 * DistrictMap.INSIDE_M) {
                    cells[at] = (short) (EDGE | own);
                }
            }
        }
    }

    /** From a coordinate to the farther end of a cell. */
    private double farther(double from, double start) {
        return Math.max(Math.abs(start - from), Math.abs(start + cell - from));
    }

    private int at(double lat, double lon) {
        int column = column(lon);
        int row = row(lat);
        return column >= 0 && row >= 0 ? row * columns + column : -1;
    }

    private int column(double lon) {
        double x = (lon - west) * perDegree;
        return x >= 0 && x < columns ? (int) x : -1;
    }

    private int row(double lat) {
        double y = (lat - south) * perDegree;
        return y >= 0 && y < rows ? (int) y : -1;
    }

    private int kind(double lat, double lon) {
        int at = at(lat, lon);
        return at < 0 ? UNKNOWN : cells[at] & KIND;
    }

    /** Whether {@link #district} knows. */
    boolean knows(double lat, double lon) {
        return kind(lat, lon) != UNKNOWN;
    }

    /** The number of the district of a point that this {@link #knows}, or -1 for none. */
    int district(double lat, double lon) {
        return (cells[at(lat, lon)] & ~KIND & 0xffff) - 1;
    }

    /** Whether surely no border lies between two places: none touches the cells of the box around both, which are not many. */
    boolean isFreeBetween(double lat, double lon, double otherLat, double otherLon) {
        int left = Math.min(column(lon), column(otherLon));
        int right = Math.max(column(lon), column(otherLon));
        int low = Math.min(row(lat), row(otherLat));
        int high = Math.max(row(lat), row(otherLat));
        if (left < 0 || low < 0 || (right - left + 1L) * (high - low + 1L) > MAX_BETWEEN) {
            return false;
        }
        for (int row = low; row <= high; row++) {
            for (int column = left; column <= right; column++) {
                if ((cells[row * columns + column] & KIND) == UNKNOWN) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether a point is surely further than the margin from every border; where it is not sure, false. */
    boolean isFarFromBorders(double lat, double lon) {
        return kind(lat, lon) == INSIDE;
    }

    /** Whether a point is surely not: its district's border is within the margin. Where it is not sure, false. */
    boolean isAtEdge(double lat, double lon) {
        return kind(lat, lon) == EDGE;
    }
}
