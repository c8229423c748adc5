import Locking
import Testing

@Suite struct LockedTests {
    @Test func `no increment of many tasks is lost`() async {
        let count = Locked(0)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10_000 { count.withLock { $0 += 1 } } }
            }
        }
        #expect(count.withLock { $0 } == 80_000)
    }

    @Test func `gives back what the body returns`() {
        let names = Locked(["first"])
        #expect(names.withLock { $0.popLast() } == "first")
        #expect(names.withLock { $0.popLast() } == nil)
    }
}
