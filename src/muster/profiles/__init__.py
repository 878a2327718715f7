"""What producers keep of themselves: contact details, employment, background answers and documents."""
