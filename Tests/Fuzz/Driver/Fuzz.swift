import CLibFuzzer
import FuzzTargets
import Glibc

/// libFuzzer around the target that FUZZ_TARGET names. `Tests/Fuzz/run` builds and starts it.
@main struct Fuzz {
    nonisolated private static let target: FuzzTarget = {
        let name = unsafe getenv("FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else { fatalError("FUZZ_TARGET names no target.") }
        return target
    }()

    nonisolated static func main() {
        _ = target
        let code = unsafe gateway_fuzz(CommandLine.argc, CommandLine.unsafeArgv, one)
        exit(code)
    }

    nonisolated private static let one: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32 = { data, size in
        target.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    }
}
