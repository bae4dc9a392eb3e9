package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;

/**
 * A ride: its id is random, and means something only together with its unit.
 *
 * @param unit the unit that carries it
 * @param ride its id
 */
public record UnitRide(Id16 unit, Id8 ride) {}
