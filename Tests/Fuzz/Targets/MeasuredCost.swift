import Glibc
import Locking

/// Bytes as the input of one reader, which their first byte names: no input of at most 16 KiB may cost more than twenty
/// times what an ordinary one of its size costs.
final class MeasuredCost: Sendable {
    static let shared = MeasuredCost()

    private static let maximumSize = 16 * 1024
    private static let factor = 20.0
    /// What no measurement is to be believed below. In seconds.
    private static let floor = 50e-6

    /// Medians of ordinary inputs by reader and size, in seconds.
    private let medians = Locked([String: Double]())

    func read(_ bytes: [UInt8]) {
        guard let first = bytes.first, bytes.count <= Self.maximumSize else { return }
        let reader =
            CostReader.all.first { $0.letter.value == first } ?? CostReader.all[Int(first) % CostReader.all.count]
        let input = Array(bytes.dropFirst())
        let median = median(of: reader, size: input.count)
        let limit = max(median * Self.factor, Self.floor)
        // A busy machine can disturb a few measurements, and not fifty.
        var least = Double.infinity
        for _ in 0..<50 where least > limit { least = min(least, Self.seconds { reader.read(input) }) }
        // With its words in a release build too.
        guard least <= limit else {
            fatalError("\(reader.letter): \(input.count) bytes take \(least) s, ordinary ones \(median) s")
        }
    }

    private func median(of reader: CostReader, size: Int) -> Double {
        // The next power of two.
        let rounded = size < 64 ? 64 : 1 << (Int.bitWidth - (size - 1).leadingZeroBitCount)
        let key = "\(reader.letter)\(rounded)"
        if let known = medians.withLock({ $0[key] }) { return known }
        let costs = reader.ordinary.map { ordinary in
            let input = ordinary.input(rounded)
            return (0..<5).map { _ in Self.seconds { reader.read(input) } }.min() ?? 0
        }
        let median = costs.sorted()[costs.count / 2]
        medians.withLock { $0[key] = median }
        return median
    }

    /// Of this thread's processor time, so that other work does not count.
    private static func seconds(_ work: () -> Void) -> Double {
        let began = now()
        work()
        return now() - began
    }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
