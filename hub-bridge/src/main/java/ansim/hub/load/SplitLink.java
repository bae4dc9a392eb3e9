package ansim.hub.load;

import ansim.wire.Lane;

/** The first units on connections of their own, the others through the city's broker. */
final class SplitLink implements Link {
    private final DoorLink door;
    private final PlayedBroker broker;
    private final int byDoor;

    SplitLink(DoorLink door, PlayedBroker broker, int byDoor) {
        this.door = door;
        this.broker = broker;
        this.byDoor = byDoor;
    }

    private Link of(int unit) {
        return unit < byDoor ? door : broker;
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
        return String.format("%,d units %s; the others %s", byDoor, door.words(), broker.words());
    }

    @Override
    public void close() {
        door.close();
        broker.close();
    }
}
