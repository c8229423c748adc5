import Locking
import MicroHTTPServer

/// Ports that nobody listened on a moment ago, each given out once by this process, and below those that the system
/// gives to clients and to listeners that ask for any port: nobody takes one between here and the program it is for.
enum FreePort {
    private static let places: ClosedRange<UInt16> = 15_000...31_000
    private static let next = Locked(UInt16.random(in: places))

    struct NoneLeft: Error {}

    static func take(_ count: Int) throws -> [UInt16] {
        var taken: [UInt16] = []
        for _ in places where taken.count < count {
            let number = next.withLock { port in
                port = port == places.upperBound ? places.lowerBound : port + 1
                return port
            }
            guard let held = try? ReservedPort.reserve(number) else { continue }
            held.release()
            taken.append(number)
        }
        guard taken.count == count else { throw NoneLeft() }
        return taken
    }
}
