/// A part of the live index: a hash table with open addressing, 40 bytes a slot, between 50 and 76 bytes an entry.
struct IndexTable: Sendable {
    /// What is known under one key. Times in seconds since 1970, in 32 bits: good until 2106.
    struct Entry: Sendable {
        let key: IndexKey
        /// The number of the change that `role` came with.
        var change: Int64 = 0
        /// Sessions issued until then are over; 0 for none.
        var revokedUpTo: UInt32 = 0
        /// From when the entry says nothing any more. 0 marks an empty slot.
        var until: UInt32 = 0
        var checkedAt: UInt32 = 0
        var role: IndexedRole = .unknown
    }

    private static let smallest = 16
    private var slots: [Entry] = []
    private(set) var count = 0

    var bytes: Int { slots.capacity * MemoryLayout<Entry>.stride }

    func find(_ key: IndexKey) -> Entry? {
        guard count > 0 else { return nil }
        let entry = slots[position(of: key)]
        return entry.until == 0 ? nil : entry
    }

    /// Changes what is known under `key`, making room first. `until` only grows.
    mutating func update(_ key: IndexKey, until: UInt32, now: UInt32, _ change: (inout Entry) -> Void) {
        // At most four slots in five are taken: then a look-up seldom goes further than the next few.
        if (count + 1) * 5 > slots.count * 4 { rebuild(now: now) }
        let position = position(of: key)
        if slots[position].until == 0 {
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
        slots = Array(repeating: Entry(key: IndexKey(high: 0, low: 0)), count: max(Self.smallest, (live + 1) * 15 / 8))
        count = live
        for entry in old where entry.until > now { slots[position(of: entry.key)] = entry }
    }

    /// Where the key is or would be.
    private func position(of key: IndexKey) -> Int {
        var position = Int(key.high.multipliedFullWidth(by: UInt64(slots.count)).high)
        while slots[position].until != 0, slots[position].key != key {
            position += 1
            if position == slots.count { position = 0 }
        }
        return position
    }
}

/// A session's id, or 128 bits of a keyed hash of a member or an installation.
struct IndexKey: Equatable, Sendable {
    let high: UInt64
    let low: UInt64
}

extension IndexKey {
    init(_ session: SessionID) { self.init(high: session.high, low: session.low) }

    init(_ installation: InstallationKey) {
        self.init(kind: 1, installation.integration, installation.installationID, "")
    }

    init(_ member: MemberKey) { self.init(kind: 2, member.integration, member.installationID, member.userID) }

    /// Swift's hasher is SipHash under a key of this process, 64 bits at a time; two of them that differ in their first
    /// byte make 128, so that nobody can choose ids that meet.
    private init(kind: UInt8, _ first: String, _ second: String, _ third: String) {
        func half(_ number: UInt8) -> UInt64 {
            var hasher = Hasher()
            hasher.combine(kind << 1 | number)
            hasher.combine(first)
            hasher.combine(second)
            hasher.combine(third)
            return UInt64(truncatingIfNeeded: hasher.finalize())
        }
        self.init(high: half(0), low: half(1))
    }
}

enum IndexedRole: UInt8, Sendable {
    /// Nothing was heard: the session's own role holds.
    case unknown
    case admin, user
}
