using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Nightshift.Webhooks.Bodies;

/// <summary>
/// A block of memory outside the garbage collector's heap. Arrays of a large body's size live on the large object heap,
/// which gives memory back late; a mapping goes back to the system when it is disposed.
/// </summary>
sealed unsafe class MappedMemory : MemoryManager<byte>
{
    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly int length;
    byte* start;

    /// <param name="length">Bytes, at least 1; they are zero.</param>
    public MappedMemory(int length)
    {
        this.length = length;
        file = MemoryMappedFile.CreateNew(mapName: null, length); // anonymous: there is no file
        view = file.CreateViewAccessor(0, length);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        return new(start, length);
    }

    /// <summary>Keeps the block mapped until it is unpinned, also when it is disposed meanwhile.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        ObjectDisposedException.ThrowIf(start is null, this);
        var added = false;
        view.SafeMemoryMappedViewHandle.DangerousAddRef(ref added);
        return new(start + elementIndex, pinnable: this);
    }

    public override void Unpin() => view.SafeMemoryMappedViewHandle.DangerousRelease();

    protected override void Dispose(bool disposing)
    {
        if (start is null)
            return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
