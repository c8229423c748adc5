import Gateway
import Glibc
import SecretMemory
import TestSupport
import Testing

@testable import sso_gateway

@Suite struct KeyRingOnDiskTests {
    @Test func `RT-93 refuses a key ring that others can read, or that is none`() throws {
        let folder = try TemporaryFolder()
        let ring = folder.path("ring.json")
        try KeyRingOnDisk.create(ring, now: 0)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.create(ring, now: 0) }
        _ = try KeyRingOnDisk.load(ring)
        unsafe symlink(ring, folder.path("link"))
        _ = try KeyRingOnDisk.load(folder.path("link"))
        unsafe chmod(ring, 0o604)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.load(ring) }
        let other = try folder.write("other.json", "{\"keys\":[]}")
        unsafe chmod(other, 0o600)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.load(other) }
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.load(folder.path("absent")) }
    }

    @Test func `a changed key ring keeps its mode, and a change that fails leaves the old one`() throws {
        let folder = try TemporaryFolder()
        let ring = folder.path("ring.json")
        try KeyRingOnDisk.create(ring, now: 0)
        unsafe chmod(ring, 0o640)
        unsafe symlink(ring, folder.path("link"))
        let id = try KeyRingOnDisk.change(folder.path("link")) { $0.rotate(now: 10) }
        var status = stat()
        #expect(unsafe lstat(ring, &status) == 0 && status.st_mode & 0o7777 == 0o640)
        #expect(unsafe lstat(folder.path("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(try KeyRingOnDisk.load(ring).keys.map(\.id).first == id)
        let before = try ReadFile.bytes(ring)
        #expect(throws: KeyRingFile.RetirementRefusal.keyInUse) { try KeyRingOnDisk.change(ring) { try $0.retire(id) } }
        // Another change holds the lock. Then it ends without renaming its file.
        try folder.write("ring.json.new", "half")
        let other = unsafe open(folder.path("ring.json.new"), O_WRONLY)
        #expect(flock(other, LOCK_EX) == 0)
        #expect(throws: ReadFile.Failure.self) { try KeyRingOnDisk.change(ring) { $0.rotate(now: 20) } }
        #expect(try ReadFile.bytes(ring).exposedBytes == before.exposedBytes)
        close(other)
        let third = try KeyRingOnDisk.change(ring) { $0.rotate(now: 20) }
        #expect(try KeyRingOnDisk.load(ring).keys.map(\.id).first == third)
        #expect(unsafe access(folder.path("ring.json.new"), F_OK) != 0)
    }
}
