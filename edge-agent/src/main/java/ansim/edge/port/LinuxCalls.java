package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;

/**
 * The calls of the C library that GPIO needs. The request of an ioctl is an int here: the kernel takes 32 bits of it on every
 * architecture, whatever the C library's prototype says.
 */
interface LinuxCalls extends Library {
    int O_RDWR = 2;
    int O_NONBLOCK = 0x800;
    int O_CLOEXEC = 0x80000;
    int F_SETFL = 4;

    /** errno of {@link #read}: nothing to read now. */
    int EAGAIN = 11;

    int ENOENT = 2;
    int ENXIO = 6;
    int EACCES = 13;
    int EBUSY = 16;
    int ENODEV = 19;
    int EINVAL = 22;

    int open(String path, int flags) throws LastErrorException;

    int close(int fd) throws LastErrorException;

    /** Returns -1 with the errno in {@code Native.getLastError()}: nothing to read is no exception 50 times a second. */
    int read(int fd, byte[] buffer, int length);

    int fcntl(int fd, int command, int value) throws LastErrorException;

    int ioctl(int fd, int request, byte[] argument) throws LastErrorException;
}
