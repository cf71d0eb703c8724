using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Nightshift.Gateway.Routes;

/// <summary>
/// YARP brings keys for sticky sessions along, which nobody here uses. They are not to be left in the user's home.
/// </summary>
sealed class DiscardedKeyRepository : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() => [];

    public void StoreElement(XElement element, string friendlyName) { }
}
