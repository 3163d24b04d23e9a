//! Scratch.
use sfumato_sitter::look;
fn save(path: &str, w: usize, h: usize, px: &[[u8; 3]]) {
    let file = std::fs::File::create(path).unwrap();
    let mut e = png::Encoder::new(file, w as u32, h as u32);
    e.set_color(png::ColorType::Rgb);
    e.write_header().unwrap().write_image_data(px.as_flattened()).unwrap();
}
fn main() {
    let a: Vec<f32> = std::env::args().skip(1).filter_map(|s| s.parse().ok()).collect();
    let (w, h) = (a[0] as usize, a[1] as usize);
    save("/tmp/scratch/sitter/look.png", w, h, &look::beauty(w, h, a[2], a[3], a[4]));
}
