import HTTP

/// The memory of a loop's last head, used again for the next one; making it anew for each was a sixtieth of a refusal's
/// instructions. A request that is under way still keeps its own.
struct HeadRoom: ~Copyable {
    private var bytes: [UInt8] = []
    private var places: [HTTPHeaders.Place] = []

    /// In bytes. A larger one is given back.
    private static let usual = 4096

    init() {}

    /// What `headers` need no more once their request is over.
    init(_ headers: HTTPHeaders) {
        guard headers.bytes.capacity <= Self.usual else { return }
        bytes = headers.bytes
        places = headers.places
    }

    mutating func take() -> HeadRoom {
        var room = HeadRoom()
        swap(&room, &self)
        return room
    }

    mutating func takePlaces() -> [HTTPHeaders.Place] { Self.takeEmptied(&places) }
    mutating func takeBytes() -> [UInt8] { Self.takeEmptied(&bytes) }

    /// Swapped out, not copied: memory that has two holders is not used again.
    private static func takeEmptied<Element>(_ memory: inout [Element]) -> [Element] {
        var taken: [Element] = []
        swap(&taken, &memory)
        taken.removeAll(keepingCapacity: true)
        return taken
    }
}
