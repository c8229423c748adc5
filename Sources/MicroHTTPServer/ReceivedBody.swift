import SecretMemory

/// A request's body as it comes in. Beyond its limit nothing is kept, however much still comes.
final class ReceivedBody {
    private let limit: Int
    private var bytes: [UInt8] = []
    private(set) var isTooLarge = false

    /// In bytes; `length` as announced, nil where it was not.
    init(length: Int?, limit: Int) {
        self.limit = limit
        isTooLarge = length.map { $0 > limit } ?? false
        // All at once: an array that grows leaves copies behind.
        if !isTooLarge { bytes.reserveCapacity(length ?? limit) }
    }

    deinit { bytes.cleanse() }

    func append(_ piece: UnsafeRawBufferPointer) {
        guard !isTooLarge else { return }
        if bytes.count + piece.count > limit {
            isTooLarge = true
            bytes.cleanse()
        } else {
            unsafe bytes.append(contentsOf: piece)
        }
    }

    /// What came, and leaves nothing here.
    func take() -> SecretBytes {
        defer { bytes.cleanse() }
        return SecretBytes(bytes)
    }
}
