import SecretMemory

/// A request's body as it comes in. Beyond its limit nothing is kept, however much still comes.
final class ReceivedBody {
    private let limit: Int
    private let usual: Int
    private let largeBodies: LargeBodies
    private var isLarge = false
    private var bytes: [UInt8] = []
    private(set) var isTooLarge = false
    /// In bytes, dropped ones too.
    private(set) var received = 0
    /// Whether it is one of the loop's `OpenBodies`.
    var isOpen = false
    /// When its head was complete, in monotonic nanoseconds.
    let began: UInt64

    /// In bytes; `length` as announced, nil where it was not. Beyond `usual`, it has to be one of few.
    init(length: Int?, limit: Int, usual: Int, largeBodies: LargeBodies, began: UInt64) {
        self.limit = limit
        self.usual = usual
        self.largeBodies = largeBodies
        self.began = began
        isTooLarge = length.map { $0 > limit } ?? false
        // All at once up to here: an array that grows leaves copies behind, and usual bodies may hold a token.
        if !isTooLarge { bytes.reserveCapacity(min(length ?? limit, usual)) }
    }

    deinit {
        bytes.cleanse()
        if isLarge { largeBodies.count -= 1 }
    }

    func append(_ piece: UnsafeRawBufferPointer) {
        received += piece.count
        guard !isTooLarge else { return }
        let count = bytes.count + piece.count
        if count > limit || count > usual && !becomesLarge() {
            isTooLarge = true
            bytes.cleanse()
        } else {
            unsafe bytes.append(contentsOf: piece)
        }
    }

    private func becomesLarge() -> Bool {
        if isLarge { return true }
        guard largeBodies.count < LargeBodies.maximum else { return false }
        largeBodies.count += 1
        isLarge = true
        return true
    }

    /// What came, and leaves nothing here.
    func take() -> SecretBytes {
        defer { bytes.cleanse() }
        return SecretBytes(bytes)
    }
}

/// How many bodies of an event loop are larger than usual. They arrive before their sender is known, so all of them
/// together must not take more than some megabytes.
final class LargeBodies {
    static let maximum = 32
    var count = 0
}
