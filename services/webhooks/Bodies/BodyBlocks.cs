namespace Nightshift.Webhooks.Bodies;

/// <summary>The memory of one delivery's body: as sent, and as decoded. All of it is given back together.</summary>
public sealed class BodyBlocks : IDisposable
{
    /// <summary>Up to this many bytes an array is cheaper than a mapping and stays off the large object heap.</summary>
    const int LargestArray = 64 * 1024;

    readonly List<IDisposable> mapped = [];

    /// <summary>A block of so many bytes, valid until this is disposed.</summary>
    public Memory<byte> Allocate(int length)
    {
        if (length <= LargestArray)
            return new byte[length];
        var memory = new MappedMemory(length);
        mapped.Add(memory);
        return memory.Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        mapped.ForEach(x => x.Dispose());
        mapped.Clear();
    }
}
