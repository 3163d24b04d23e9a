//! Paints the built-in painting: `paint FILE.png [WIDTH HEIGHT]`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: paint FILE.png [WIDTH HEIGHT]")?;
    let mut number = |or: usize| arguments.next().map_or(Ok(or), |text| text.parse());
    let (width, height) = (number(1200)?, number(1600)?);
    let began = std::time::Instant::now();
    let picture = sfumato_sitter::painting::paint(width, height, &mut |share| {
        println!(
            "{:3.0} % after {:.1} s",
            share * 100.0,
            began.elapsed().as_secs_f32()
        );
    });
    let file = std::fs::File::create(path)?;
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder
        .write_header()?
        .write_image_data(picture.pixels.as_flattened())?;
    Ok(())
}
