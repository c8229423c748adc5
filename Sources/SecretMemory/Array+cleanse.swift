import Glibc

extension Array<UInt8> {
    /// Overwrites the bytes in place and empties the array: for a working copy of something secret.
    /// It reaches the storage only while nobody shares it, so cleanse before handing a copy on, or not at all.
    package mutating func cleanse() {
        unsafe withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { unsafe explicit_bzero(start, buffer.count) }
        }
        removeAll(keepingCapacity: false)
    }
}
