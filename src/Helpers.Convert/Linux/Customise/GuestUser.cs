using System.Globalization;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary>A user of the guest (passwd(5)).</summary>
/// <param name="Owner">Its numbers.</param>
/// <param name="Home">Its home directory.</param>
internal sealed record GuestUser(FileOwner Owner, string Home)
{
    /// <summary>Looks one up in the guest's /etc/passwd.</summary>
    /// <param name="files">The guest's files.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="StepException">There is none of that name, or its line is no user's (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static GuestUser Find(CustomisedFiles files, string name)
    {
        const string Passwd = "/etc/passwd";
        var fields = (files.Text(files.Resolve(Passwd)) ?? string.Empty).Split('\n').Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name && name.Length > 0)
            ?? throw new StepException(ErrorCodes.ConvertCustomise, $"the guest's {Passwd} has no user {name}", "Users of a directory service cannot be looked up in a guest that does not run.");
        return fields.Length >= 6 && Number(fields[2], out var user) && Number(fields[3], out var group) && fields[5].StartsWith('/')
            ? new GuestUser(new FileOwner(user, group), fields[5])
            : throw new StepException(ErrorCodes.ConvertCustomise, $"the guest's {Passwd} has no usable numbers or home directory for {name}");
    }

    private static bool Number(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
