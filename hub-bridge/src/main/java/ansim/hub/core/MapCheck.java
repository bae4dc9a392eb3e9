package ansim.hub.core;

import java.util.List;

final class MapCheck {
    private MapCheck() {}

    static List<MapProblem> check(List<DistrictMap.Area> areas) {
        return List.of();
    }
}
