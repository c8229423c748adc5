import SecretMemory

/// A request's body while it arrives. Bytes beyond its limit are dropped.
final class ReceivedBody {
    private let limit: Int
    private let usual: Int
    /// Whether it is above the usual size: `OpenBodies` limits the number of such bodies.
    private(set) var isLarge = false
    private var bytes: [UInt8] = []
    private(set) var isTooLarge = false
    /// Since `periodBegan`, dropped bytes included. In bytes.
    private var received = 0
    /// Whether it is one of the loop's `OpenBodies`.
    var isOpen = false
    /// In monotonic nanoseconds; the first period begins at the end of the head.
    private var periodBegan: UInt64

    /// In bytes. `length`: as announced, nil where it was not.
    init(length: Int?, limit: Int, usual: Int, began: UInt64) {
        self.limit = limit
        self.usual = usual
        periodBegan = began
        isTooLarge = length.map { $0 > limit } ?? false
        // One allocation up to `usual`: an array that grows leaves copies, and usual bodies may hold a token.
        if !isTooLarge { bytes.reserveCapacity(min(length ?? limit, usual)) }
    }

    deinit { bytes.cleanse() }

    func append(_ piece: UnsafeRawBufferPointer) {
        received += piece.count
        guard !isTooLarge else { return }
        let count = bytes.count + piece.count
        if count > limit {
            isTooLarge = true
            bytes.cleanse()
        } else {
            isLarge = count > usual
            unsafe bytes.append(contentsOf: piece)
        }
    }

    /// Whether the last whole period was slower than the minimum rate. The average since the body's start would let one burst
    /// at that start count for a long time. For parameters see `OpenBodies`.
    func isSlow(now: UInt64, period: UInt64, rate: Int) -> Bool {
        guard now > periodBegan + period else { return false }
        defer { (periodBegan, received) = (now, 0) }
        return Double(received) < Double(rate) * Double(now - periodBegan) / 1e9
    }

    /// The received bytes; the buffer is empty afterwards.
    func take() -> SecretBytes {
        defer { bytes.cleanse() }
        return SecretBytes(bytes)
    }
}
