import SecretMemory

/// A request's body as it comes in. Beyond its limit nothing is kept, however much still comes.
final class ReceivedBody {
    private let limit: Int
    private let usual: Int
    /// Whether more is kept than is usual: such bodies have to be few.
    private(set) var isLarge = false
    private var bytes: [UInt8] = []
    private(set) var isTooLarge = false
    /// In bytes, dropped ones too, since `periodBegan`.
    private var received = 0
    /// Whether it is one of the loop's `OpenBodies`.
    var isOpen = false
    /// At first when its head was complete, in monotonic nanoseconds.
    private var periodBegan: UInt64

    /// In bytes; `length` as announced, nil where it was not.
    init(length: Int?, limit: Int, usual: Int, began: UInt64) {
        self.limit = limit
        self.usual = usual
        periodBegan = began
        isTooLarge = length.map { $0 > limit } ?? false
        // All at once up to here: an array that grows leaves copies behind, and usual bodies may hold a token.
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

    /// Whether a period is over in which less came than the minimum rate; else the next one begins. The rate since the
    /// body's start would let one burst at that start count for a long time. For parameters see `OpenBodies`.
    func isSlow(now: UInt64, period: UInt64, rate: Int) -> Bool {
        guard now > periodBegan + period else { return false }
        defer { (periodBegan, received) = (now, 0) }
        return Double(received) < Double(rate) * Double(now - periodBegan) / 1e9
    }

    /// What came, and leaves nothing here.
    func take() -> SecretBytes {
        defer { bytes.cleanse() }
        return SecretBytes(bytes)
    }
}
