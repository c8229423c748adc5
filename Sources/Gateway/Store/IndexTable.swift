import Marketplace

/// A part of the live index: a hash table with open addressing, 41 bytes a slot, between 51 and 77 bytes an entry.
struct IndexTable: Sendable {
    /// What is known under one key. Times in 32 bits: seconds since 1970 are good until 2106.
    struct Entry: Sendable {
        let key: IndexKey
        /// The number of the change that `role` came with.
        var change: Int64 = 0
        /// Sessions issued until then are over; 0 for none.
        var revokedUpTo: UInt32 = 0
        /// From when the entry says nothing any more, by a clock that never steps.
        var until: UInt32 = 0
        var checkedAt: UInt32 = 0
        var role: IndexedRole = .unknown
    }

    private static let smallest = 16
    /// A byte of each slot's key, 0 for an empty slot. They lie close together, so that a look-up that finds nothing, as
    /// nearly all of them do, touches nothing that is far away.
    private var tags: [UInt8] = []
    private var slots: [Entry] = []
    private(set) var count = 0

    var bytes: Int { slots.capacity * MemoryLayout<Entry>.stride + tags.capacity }

    func find(_ key: IndexKey) -> Entry? {
        guard count > 0 else { return nil }
        let position = position(of: key)
        return tags[position] == 0 ? nil : slots[position]
    }

    /// Changes what is known under `key`, making room first. `until` only grows.
    mutating func update(_ key: IndexKey, until: UInt32, now: UInt32, _ change: (inout Entry) -> Void) {
        // At most four slots in five are taken: then a look-up seldom goes further than the next few.
        if (count + 1) * 5 > slots.count * 4 { rebuild(now: now) }
        let position = position(of: key)
        if tags[position] == 0 {
            tags[position] = Self.tag(key)
            slots[position] = Entry(key: key)
            count += 1
        }
        change(&slots[position])
        slots[position].until = max(slots[position].until, until, 1)
    }

    /// Lets go of what is over.
    mutating func sweep(now: UInt32) {
        if slots.contains(where: { $0.until != 0 && $0.until <= now }) { rebuild(now: now) }
    }

    private mutating func rebuild(now: UInt32) {
        let old = slots
        let live = old.reduce(0) { $0 + ($1.until > now ? 1 : 0) }
        let size = max(Self.smallest, (live + 1) * 15 / 8)
        slots = Array(repeating: Entry(key: IndexKey(high: 0, low: 0)), count: size)
        tags = Array(repeating: 0, count: size)
        count = live
        for entry in old where entry.until > now {
            let position = position(of: entry.key)
            tags[position] = Self.tag(entry.key)
            slots[position] = entry
        }
    }

    /// Where the key is or would be.
    private func position(of key: IndexKey) -> Int {
        let tag = Self.tag(key)
        var position = Int(key.high.multipliedFullWidth(by: UInt64(tags.count)).high)
        while tags[position] != 0, tags[position] != tag || slots[position].key != key {
            position += 1
            if position == tags.count { position = 0 }
        }
        return position
    }

    /// Other bits than those that choose the part and the position.
    private static func tag(_ key: IndexKey) -> UInt8 { max(UInt8(truncatingIfNeeded: key.low), 1) }
}

enum IndexedRole: UInt8, Sendable {
    /// Nothing was heard: the session's own role holds.
    case unknown
    case admin, user

    var known: MemberRole? {
        switch self {
        case .unknown: nil
        case .admin: .admin
        case .user: .user
        }
    }
}
