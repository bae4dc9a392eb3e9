"""A UPS by pymodbus' own codec on a serial line: modbus_ups.py DEVICE UNIT.

Input registers 0 to 9 hold 100 to 109, but 7 is 123 (12.3 V) and 8 is -50 (-5.0 C); discrete input 0 is on. Beyond them it answers with
exception 2. A unit that is not its own gets no answer; unit UNIT + 1 stands for a gateway's dead device: exception 11.
"""
import sys

import serial
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusSlaveContext
from pymodbus.factory import ServerDecoder
from pymodbus.pdu import ModbusExceptions
from pymodbus.transaction import ModbusRtuFramer

line = serial.Serial(sys.argv[1], 9600, timeout=0.005)
unit = int(sys.argv[2])
values = [100 + i for i in range(10)]
values[7] = 123
values[8] = 0x10000 - 50
ups = ModbusSlaveContext(
    ir=ModbusSequentialDataBlock(0, values),
    di=ModbusSequentialDataBlock(0, [True] + [False] * 9),
    hr=ModbusSequentialDataBlock(0, values),
    zero_mode=True,
)
framer = ModbusRtuFramer(ServerDecoder())


def answer(request):
    response = request.execute(ups) if request.unit_id == unit else request.doException(ModbusExceptions.GatewayNoResponse)
    response.unit_id = request.unit_id
    response.transaction_id = request.transaction_id
    line.write(framer.buildPacket(response))


print("ready", flush=True)
while True:
    heard = line.read(256)
    if heard:
        framer.processIncomingPacket(heard, answer, [unit, unit + 1])
